def minibatch_epoch(neuron, criterion, X, y, order, batch_size, lr):
    losses = []
    start = 0
    while start < len(order):
        inputs = torch.stack([X[i] for i in order[start : start + batch_size]])
        targets = torch.stack([y[i] for i in order[start : start + batch_size]])
        predictions = neuron.forward(inputs)
        losses.append(float(criterion.forward(predictions, targets)))
        neuron.backward(inputs, criterion.backward(predictions, targets))
        neuron.step(lr)
        start += batch_size
    return losses
