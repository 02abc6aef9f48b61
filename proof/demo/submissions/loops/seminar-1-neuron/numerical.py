def numerical_gradient(function, values, step=1e-4):
    gradient = []
    for i in range(values.numel()):
        sides = []
        for sign in (1, -1):
            moved = values.detach().clone()
            moved.view(-1)[i] += sign * step
            sides.append(function(moved))
        gradient.append((sides[0] - sides[1]) / (2 * step))
    return torch.stack(gradient).reshape(values.shape)
