class NeuralNetwork:
    def __init__(self, layer1, layer2):
        self.layer1 = layer1
        self.relu = ReLU()
        self.layer2 = layer2

    def forward(self, inputs):
        return self.layer2.forward(self.relu.forward(self.layer1.forward(inputs)))

    def backward(self, inputs, dldy):
        dldh = self.layer2.backward(inputs, dldy)
        dldz = self.relu.backward(self.layer1.forward(inputs), dldh)
        return self.layer1.backward(inputs, dldz)

    def step(self, lr):
        self.layer1.step(lr)
        self.layer2.step(lr)
