"""Never twice, never lost: clusters and steps are begun once, whatever fails between (decisions D10 and D11)."""
