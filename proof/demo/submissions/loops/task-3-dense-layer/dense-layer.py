class DenseLayer:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        k, m = inputs.shape
        n = len(self.bias)
        y_pred = torch.zeros(k, n, dtype=inputs.dtype)
        for row in range(k):
            for j in range(n):
                y_pred[row, j] = self.bias[j]
                for i in range(m):
                    y_pred[row, j] += inputs[row, i] * self.weights[i, j]
        return y_pred

    def backward(self, inputs, dldy):
        k, m = inputs.shape
        n = len(self.bias)
        self.dw = torch.zeros_like(self.weights)
        self.db = torch.zeros_like(self.bias)
        self.dx = torch.zeros_like(inputs)
        for row in range(k):
            for j in range(n):
                self.db[j] += dldy[row, j]
                for i in range(m):
                    self.dw[i, j] += inputs[row, i] * dldy[row, j]
                    self.dx[row, i] += dldy[row, j] * self.weights[i, j]
        return self.dx

    def step(self, lr):
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db
