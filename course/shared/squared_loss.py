class SquaredLoss:
    """Квадрат ошибки на одном примере: L = (ŷ − y)²."""

    def forward(self, y_pred, y_true):
        """Потеря.

        y_pred: предсказание ŷ, форма ()
        y_true: ответ y, форма ()
        возвращает тензор формы ()
        """
        ### BEGIN SOLUTION
        return (y_pred - y_true) ** 2
        ### END SOLUTION

    def backward(self, y_pred, y_true):
        """Градиент ∂L/∂ŷ: сохранить в self.dypred и вернуть, форма ()."""
        ### BEGIN SOLUTION
        self.dypred = 2 * (y_pred - y_true)
        return self.dypred
        ### END SOLUTION
