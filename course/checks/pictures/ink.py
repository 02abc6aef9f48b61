"""Words in the colour of the notebook's own text: no one grey is readable on white and on black alike.

plotly colours text by one fixed colour, but it keeps the style of a <span>; there a browser can be asked for
the colour that JupyterLab or VS Code uses at this moment.
"""

INK = "var(--jp-ui-font-color1, var(--vscode-editor-foreground, #5f5f5f))"
OPEN, CLOSE = f'<span style="color:{INK}">', "</span>"
HOVER = {"scatter": "%{x:.4~g}; %{y:.4~g}", "heatmap": "%{y}, %{x}: %{z:.4~g}", "contour": "%{z:.4~g}"}


def inked(fig):
    """A copy of the figure with every title, label and name in INK."""
    layout = {key: _part(key, value) for key, value in fig["layout"].items()}
    found = {"data": [_trace(trace) for trace in fig["data"]], "layout": layout}
    if "frames" in fig:
        found["frames"] = [
            {**frame, "data": [_trace(trace) for trace in frame["data"]]} for frame in fig["frames"]
        ]
    return found


def _ink(words):
    """Each line on its own: plotly ends a <span> where a line ends."""
    return "<br>".join(f"{OPEN}{line}{CLOSE}" if line else "" for line in words.split("<br>"))


def _part(key, value):
    """One entry of the layout."""
    if key == "title":
        return {**value, "text": _ink(value["text"])}
    if key.startswith(("xaxis", "yaxis")) and value.get("visible", True):
        return {**value, "title": {"text": _ink(value["title"]["text"])}, **TICKS}
    if key == "coloraxis":
        return {**value, "colorbar": TICKS}
    if key == "annotations":
        return [{**note, "text": _ink(note["text"])} for note in value]
    if key == "sliders":
        return [_slider(slider) for slider in value]
    if key == "updatemenus":
        return [{**menu, "buttons": [_labelled(button) for button in menu["buttons"]]} for menu in value]
    return value


TICKS = {"tickprefix": OPEN, "ticksuffix": CLOSE}


def _slider(slider):
    current = {**slider["currentvalue"], "prefix": _ink(slider["currentvalue"]["prefix"])}
    return {**slider, "currentvalue": current, "steps": [_labelled(step) for step in slider["steps"]]}


def _labelled(item):
    return {**item, "label": _ink(item["label"])}


def _trace(trace):
    """A trace; what the mouse shows stands on a colour of its own, so its words keep plotly's colour."""
    found = dict(trace)
    if trace.get("name"):
        found["name"] = _ink(trace["name"])
    if "text" in trace:
        found["text"] = [_ink(words) for words in trace["text"]]
    elif trace.get("hoverinfo") != "skip":
        found["hovertemplate"] = f"{HOVER[trace['type']]}<extra>{trace.get('name', '')}</extra>"
    return found
