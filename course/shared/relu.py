class ReLU:
    """Активация H = max(Z, 0), элемент за элементом."""

    def forward(self, inputs):
        """Активации H той же формы, что и входы Z."""
        ### BEGIN SOLUTION
        return inputs.clamp(min=0)
        ### END SOLUTION

    def backward(self, inputs, dldy):
        """Вернуть ∂L/∂Z той же формы, что и входы.

        inputs: то, что вошло в forward, — Z
        dldy: входящий градиент ∂L/∂H той же формы
        """
        ### BEGIN SOLUTION
        # по одному элементу: dx[i, j] = dldy[i, j] if inputs[i, j] > 0 else 0
        return dldy * (inputs > 0)
        ### END SOLUTION
