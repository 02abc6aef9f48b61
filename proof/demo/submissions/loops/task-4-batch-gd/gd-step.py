def gd_step(layer, criterion, X, y, lr):
    predictions = layer.forward(X)
    loss = float(criterion.forward(predictions, y))
    layer.backward(X, criterion.backward(predictions, y))
    layer.step(lr)
    return loss
