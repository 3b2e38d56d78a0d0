"""The GitHub Action, its steps run as a runner of GitHub would."""
