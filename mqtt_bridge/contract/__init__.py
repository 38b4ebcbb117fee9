"""The shared words of care: plans, questionnaires, reports, orders, and the letters that carry them.

The ground floor of the house: it imports no library but the codec (msgspec).
"""
