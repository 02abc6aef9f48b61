"""A real JupyterHub, as docs/jupyterhub sets it up: accounts, a proxy, a browser for each person; as root."""
