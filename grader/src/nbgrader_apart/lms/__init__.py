"""From and to a learning management system: its zip of all submissions in, its zip of feedback out."""
