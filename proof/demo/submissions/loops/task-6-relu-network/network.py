class NeuralNetwork:
    def __init__(self, layer1, layer2):
        self.layer1 = layer1
        self.relu = ReLU()
        self.layer2 = layer2

    def forward(self, inputs):
        value = inputs
        for part in (self.layer1, self.relu, self.layer2):
            value = part.forward(value)
        return value

    def backward(self, inputs, dldy):
        parts = (self.layer1, self.relu, self.layer2)
        arrived = [inputs]
        for part in parts[:-1]:
            arrived.append(part.forward(arrived[-1]))
        gradient = dldy
        for part, part_inputs in zip(reversed(parts), reversed(arrived)):
            gradient = part.backward(part_inputs, gradient)
        return gradient

    def step(self, lr):
        for layer in (self.layer1, self.layer2):
            layer.step(lr)
