def dw_element(inputs, dldy, p, j):
    total = 0.0
    for row in range(inputs.shape[0]):
        total += inputs[row, p] * dldy[row, j]
    return total


def dx_element(dldy, weights, i, p):
    total = 0.0
    for j in range(weights.shape[1]):
        total += dldy[i, j] * weights[p, j]
    return total
