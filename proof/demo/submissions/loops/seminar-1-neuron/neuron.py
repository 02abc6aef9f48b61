class Neuron:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        total = self.bias
        for i in range(len(inputs)):
            total = total + inputs[i] * self.weights[i]
        return total

    def backward(self, inputs, dldy):
        self.dw = torch.zeros_like(self.weights)
        for i in range(len(inputs)):
            self.dw[i] = inputs[i] * dldy
        self.db = dldy

    def step(self, lr):
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db
