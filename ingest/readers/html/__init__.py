"""Web pages, and Markdown, which is read as the page that it makes."""
