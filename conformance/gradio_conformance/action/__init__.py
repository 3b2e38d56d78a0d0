"""The GitHub Action (``action.yml``): inputs in, a command run, its outcome told out."""
