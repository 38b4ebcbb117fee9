"""The same with Tk, where the machine has it. Run by the bench with any Python that can import tkinter."""

import tkinter as tk

COLOURS = ("#c83c3c", "#3c3cc8")


def main() -> None:
    root, turns = tk.Tk(), 0
    root.geometry("1280x800+0+0")
    canvas = tk.Canvas(root, width=1280, height=800, bg="#f0f0e6", highlightthickness=0)
    canvas.pack()
    rect = canvas.create_rectangle(440, 150, 840, 650, fill="#f0f0e6", outline="")

    def released(_event: object) -> None:
        nonlocal turns
        turns += 1
        canvas.itemconfigure(rect, fill=COLOURS[turns % 2])

    canvas.bind("<ButtonRelease-1>", released)
    root.mainloop()


main()
