class MSELoss:
    """Средний квадрат ошибки по всем элементам: L = 1/(k·n) · ΣΣ (ŷ − y)²."""

    def forward(self, y_pred, y_true):
        """Потеря.

        y_pred: предсказания Ŷ, форма (k, n)
        y_true: ответы Y, форма (k, n)
        возвращает тензор формы ()
        """
        ### BEGIN SOLUTION
        # по одному элементу: sum((y_pred[i, j] - y_true[i, j]) ** 2 for i, j in …) / (k * n)
        return ((y_pred - y_true) ** 2).mean()
        ### END SOLUTION

    def backward(self, y_pred, y_true):
        """Градиент ∂L/∂Ŷ: сохранить в self.dypred и вернуть, форма (k, n)."""
        ### BEGIN SOLUTION
        # по одному элементу: dypred[i, j] = 2 / (k * n) * (y_pred[i, j] - y_true[i, j])
        self.dypred = 2 / y_pred.numel() * (y_pred - y_true)
        return self.dypred
        ### END SOLUTION
