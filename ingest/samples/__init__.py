"""The bundled report."""
