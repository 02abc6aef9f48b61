class DenseLayer:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        return inputs @ self.weights + self.bias

    def backward(self, inputs, dldy):
        self.dw = inputs.T @ dldy
        self.db = dldy.sum(0)
        self.dx = dldy @ self.weights.T
        self.weights = self.weights - 0.01 * self.dw
        self.bias = self.bias - 0.01 * self.db
        return self.dx

    def step(self, lr):
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db
