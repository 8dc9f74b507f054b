"""Where other libraries define the same thing, hzdsl is compared with them; docs/equality.md lists the differences."""
