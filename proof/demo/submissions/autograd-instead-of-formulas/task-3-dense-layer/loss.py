class MSELoss:
    def forward(self, y_pred, y_true):
        return ((y_pred - y_true) ** 2).mean()

    def backward(self, y_pred, y_true):
        y_pred = y_pred.detach().clone().requires_grad_()
        self.forward(y_pred, y_true).backward()
        self.dypred = y_pred.grad
        return self.dypred
