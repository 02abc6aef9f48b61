class NeuralNetwork:
    """Два полносвязных слоя подряд, без активации между ними."""

    def __init__(self, layer1, layer2):
        """layer1: (m → h), layer2: (h → n)."""
        self.layer1 = layer1
        self.layer2 = layer2

    def forward(self, inputs):
        """Предсказания Ŷ формы (k, n) для входов X формы (k, m)."""
        ### BEGIN SOLUTION
        return self.layer2.forward(self.layer1.forward(inputs))
        ### END SOLUTION

    def backward(self, inputs, dldy):
        """По inputs (k, m) и dldy (k, n) заполнить dw, db, dx обоих слоёв и вернуть ∂L/∂X (k, m)."""
        ### BEGIN SOLUTION
        hidden = self.layer1.forward(inputs)
        dhidden = self.layer2.backward(hidden, dldy)
        return self.layer1.backward(inputs, dhidden)
        ### END SOLUTION

    def step(self, lr):
        """Шаг спуска для обоих слоёв."""
        ### BEGIN SOLUTION
        self.layer1.step(lr)
        self.layer2.step(lr)
        ### END SOLUTION
