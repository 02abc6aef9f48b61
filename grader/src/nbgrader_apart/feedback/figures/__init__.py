"""plotly figures as static SVG: read (plotly's JSON → panels), then draw (panels → SVG, with matplotlib)."""
