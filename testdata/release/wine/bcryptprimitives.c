// What programs of Go want of Windows' bcryptprimitives.dll, and wine before 9 does not have.
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID data, ULONG size);

__declspec(dllexport) BOOL ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, size); }
