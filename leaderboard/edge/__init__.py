"""RETHINED in the browser: the page, its server, its measurements."""
