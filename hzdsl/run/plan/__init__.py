"""What is decided and checked before the first event: samples with their trees and programs, cut into work."""
