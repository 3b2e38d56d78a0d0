"""The GitHub Action (``action.yml``): inputs in, a command run, outputs, summary, annotations out."""
