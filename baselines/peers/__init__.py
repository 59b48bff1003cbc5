"""Methods of other packages as optional rows: each in a process of its own, none needed by anything here."""
