class MSELoss:
    """Средний квадрат ошибки по пакету: L = 1/k · Σ (ŷ − y)²."""

    def forward(self, y_pred, y_true):
        """Потеря.

        y_pred: предсказания ŷ, форма (k, 1)
        y_true: ответы y, форма (k, 1)
        возвращает тензор формы ()
        """
        ### BEGIN SOLUTION
        # по одной строке: sum((y_pred[i, 0] - y_true[i, 0]) ** 2 for i in range(k)) / k
        return ((y_pred - y_true) ** 2).mean()
        ### END SOLUTION

    def backward(self, y_pred, y_true):
        """Градиент ∂L/∂ŷ: сохранить в self.dypred и вернуть, форма (k, 1)."""
        ### BEGIN SOLUTION
        # по одной строке: dypred[i, 0] = 2 / k * (y_pred[i, 0] - y_true[i, 0])
        self.dypred = 2 / len(y_pred) * (y_pred - y_true)
        return self.dypred
        ### END SOLUTION
