class Neuron:
    """Нейрон на пакете: ŷ = XW + b."""

    def __init__(self, weights, bias):
        """weights: веса W, форма (m, 1); bias: смещение b, форма (1,)."""
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        """Предсказания ŷ формы (k, 1) для входов inputs формы (k, m)."""
        ### BEGIN SOLUTION
        return inputs @ self.weights + self.bias
        ### END SOLUTION

    def backward(self, inputs, dldy):
        """По inputs (k, m) и входящему градиенту dldy (k, 1) найти self.dw (m, 1) и self.db (1,)."""
        ### BEGIN SOLUTION
        # по одной строке: for i in range(k): dw += inputs[i][:, None] * dldy[i]; db += dldy[i]
        self.dw = inputs.T @ dldy
        self.db = dldy.sum(dim=0)
        ### END SOLUTION

    def step(self, lr):
        """Шаг спуска: weights −= lr · dw, bias −= lr · db."""
        ### BEGIN SOLUTION
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db
        ### END SOLUTION
