"""Pages of a site: what each of them shows, and its rendering."""
