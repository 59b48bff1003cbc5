"""Pictures of a site: views to compare, and thumbnails."""
