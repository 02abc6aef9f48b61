class DenseLayer:
    """Полносвязный слой: Ŷ = XW + b."""

    def __init__(self, weights, bias):
        """weights: веса W, форма (m, n); bias: смещение b, форма (n,)."""
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        """Выходы Ŷ формы (k, n) для входов inputs формы (k, m)."""
        ### BEGIN SOLUTION
        return inputs @ self.weights + self.bias
        ### END SOLUTION

    def backward(self, inputs, dldy):
        """По inputs (k, m) и dldy (k, n) найти self.dw (m, n), self.db (n,), self.dx (k, m); вернуть dx."""
        ### BEGIN SOLUTION
        # по одной строке: for i in range(k): dw += torch.outer(inputs[i], dldy[i]); db += dldy[i]
        #                                     dx[i] = self.weights @ dldy[i]
        self.dw = inputs.T @ dldy
        self.db = dldy.sum(dim=0)
        self.dx = dldy @ self.weights.T
        return self.dx
        ### END SOLUTION

    def step(self, lr):
        """Шаг спуска: weights −= lr · dw, bias −= lr · db."""
        ### BEGIN SOLUTION
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db
        ### END SOLUTION
