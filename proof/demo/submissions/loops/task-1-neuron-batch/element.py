def dw_element(inputs, dldy, p):
    total = 0.0
    for row in range(inputs.shape[0]):
        total += inputs[row, p] * dldy[row, 0]
    return total
