"""Thirty labels and a thousand pictures without: what do the unlabelled ones buy? The experiment behind lesson 11."""
