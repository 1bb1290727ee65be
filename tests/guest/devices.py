# SPDX-License-Identifier: MIT
"""What the simulated devices that Linux looks for say of themselves."""

PRINTER_ID = "MFG:Fourth & Sons;MDL:Matrix 1284-G;CLS:PRINTER;CMD:ASCII,PCL;DES:a wide one;"
# Two adapters, the nearest first, and the printer behind them.
CHAIN_IDS = ("MFG:Near;MDL:Adapter nought;CLS:SCANNER;DES:first in line;",
             "MFG:Middle;MDL:Adapter one;CLS:HDC;CMD:ATA;",
             "MFG:Far;MDL:End of the line;CLS:PRINTER;")
