/* Go's runtime takes its random numbers from ProcessPrng of this library, which Wine 8 has not. For tests alone. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T n)
{
	return RtlGenRandom(data, (ULONG)n);
}
