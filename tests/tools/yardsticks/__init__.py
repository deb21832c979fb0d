"""Public sets of others, measured with their own metrics: `make yardsticks`.

The figures are in docs/explanation/yardsticks.md.
"""
