class Neuron:
    """Нейрон на одном примере: ŷ = x·w + b."""

    def __init__(self, weights, bias):
        """weights: веса w, форма (m,); bias: смещение b, форма ()."""
        self.weights = weights
        self.bias = bias

    def forward(self, inputs):
        """Предсказание ŷ формы () для входа inputs формы (m,)."""
        ### BEGIN SOLUTION
        return inputs @ self.weights + self.bias
        ### END SOLUTION

    def backward(self, inputs, dldy):
        """По inputs (m,) и входящему градиенту dldy () найти self.dw (m,) и self.db ()."""
        ### BEGIN SOLUTION
        # по одному весу: for j in range(m): self.dw[j] = dldy * inputs[j]
        self.dw = dldy * inputs
        self.db = dldy
        ### END SOLUTION

    def step(self, lr):
        """Шаг спуска: weights −= lr · dw, bias −= lr · db."""
        ### BEGIN SOLUTION
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db
        ### END SOLUTION
