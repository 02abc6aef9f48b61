def sgd_epoch(neuron, criterion, X, y, order, lr):
    losses = []
    for i in order:
        prediction = neuron.forward(X[i])
        losses.append(float(criterion.forward(prediction, y[i, 0])))
        neuron.backward(X[i], criterion.backward(prediction, y[i, 0]))
        neuron.step(lr)
    return losses
