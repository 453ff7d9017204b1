"""The main job on a sample publication, for people who want to see it first."""
