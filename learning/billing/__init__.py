"""Invoices that never change once issued."""
