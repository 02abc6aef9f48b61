def autograd_gradients(inputs, y_true, weights, bias):
    w = weights.detach().clone().requires_grad_()
    b = bias.detach().clone().requires_grad_()
    with torch.enable_grad():
        y_pred = 0 * b + b
        for i in range(len(inputs)):
            y_pred = y_pred + inputs[i] * w[i]
        loss = (y_pred - y_true) ** 2
        dypred, dw, db = torch.autograd.grad(loss, [y_pred, w, b])
    return {"dypred": dypred, "dw": dw, "db": db}
