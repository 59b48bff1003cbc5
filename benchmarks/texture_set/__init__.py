"""Pictures of textures with fixed holes, by which methods are judged and looked at."""
