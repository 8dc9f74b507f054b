"""What entries contribute: partial results that know their entries, added up and as bytes."""
