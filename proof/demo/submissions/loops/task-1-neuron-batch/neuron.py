class Neuron:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        y_pred = torch.zeros(inputs.shape[0], 1, dtype=inputs.dtype)
        for row in range(inputs.shape[0]):
            total = self.bias[0]
            for i in range(inputs.shape[1]):
                total = total + inputs[row, i] * self.weights[i, 0]
            y_pred[row, 0] = total
        return y_pred

    def backward(self, inputs, dldy):
        self.dw = torch.zeros_like(self.weights)
        self.db = torch.zeros_like(self.bias)
        for row in range(inputs.shape[0]):
            for i in range(inputs.shape[1]):
                self.dw[i, 0] += inputs[row, i] * dldy[row, 0]
            self.db[0] += dldy[row, 0]

    def step(self, lr):
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db
