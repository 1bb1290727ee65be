/* SPDX-License-Identifier: MIT */
/*
 * What hangs on the port that testclient.sys serves to programs: the client plugs it in,
 * testuser.exe looks for it.
 */
#ifndef OPENPARPORT_TESTS_WINE_SERVED_H
#define OPENPARPORT_TESTS_WINE_SERVED_H

/* At LPT1.0: its id, and what it has to say. At LPT1.4 stands one that is silent. */
#define SERVED_ID    "MFG:Acme;MDL:Zip;CLS:MEDIA;"
#define SERVED_WORDS "what a program reads"

#endif
