"""The forms that dates are written in, one module a form."""
