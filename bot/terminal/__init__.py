"""Views for the terminal, made with rich: answers, conversations, tables and progress."""
