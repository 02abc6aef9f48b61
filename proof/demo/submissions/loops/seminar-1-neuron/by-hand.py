x, w, b, y = [2, 3], [3.5, 4.5], 0.5, 5
by_hand = {"y_pred": b, "dw": []}
for i in range(2):
    by_hand["y_pred"] += x[i] * w[i]
by_hand["loss"] = (by_hand["y_pred"] - y) ** 2
by_hand["dypred"] = 2 * (by_hand["y_pred"] - y)
by_hand["db"] = by_hand["dypred"]
for i in range(2):
    by_hand["dw"].append(by_hand["dypred"] * x[i])
