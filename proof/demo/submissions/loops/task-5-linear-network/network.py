class NeuralNetwork:
    def __init__(self, layer1, layer2):
        self.layer1 = layer1
        self.layer2 = layer2

    def forward(self, inputs):
        values = [inputs]
        for layer in (self.layer1, self.layer2):
            values.append(layer.forward(values[-1]))
        return values[-1]

    def backward(self, inputs, dldy):
        arrived = [inputs, self.layer1.forward(inputs)]
        gradient = dldy
        for layer, layer_inputs in zip((self.layer2, self.layer1), reversed(arrived)):
            gradient = layer.backward(layer_inputs, gradient)
        return gradient

    def step(self, lr):
        for layer in (self.layer1, self.layer2):
            layer.step(lr)
