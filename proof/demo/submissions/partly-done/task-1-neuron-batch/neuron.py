class Neuron:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        return inputs @ self.weights + self.bias

    def backward(self, inputs, dldy):
        raise NotImplementedError

    def step(self, lr):
        self.weights -= lr * self.dw
        self.bias -= lr * self.db
