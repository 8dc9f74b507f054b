"""The options of Combine that change nothing here, and those whose meaning is not offered: each with its reason.

Names and what takes a value are those of `combine` and of its parts (HiggsAnalysis/CombinedLimit, options of
bin/combine.cpp, src/*.cc and combineTool.py -M Impacts).
"""

from __future__ import annotations

from hzdsl.records import dataclass

_FITS = "fits begin with exact second derivatives and are judged by MIGRAD, so nothing is to be chosen"
_MINOS = "intervals are always where the profile of the likelihood itself crosses its level"
_STORED = "there is no tree and no workspace: results are printed, and written with --out"
_EVERY = "values and errors of all parameters are in --json and --out"
_TOYS = "as many toys are thrown at each point as -T says, and next to limits more: --clsAcc"
_MODEL = "the model is that of the card, whole"
_DEBUG = "it was for looking into Combine itself"


@dataclass(frozen=True)
class Word:
    """An option: its names, whether a value follows, and why it means nothing here."""

    names: tuple[str, ...]
    why: str
    valued: bool = True


def _words(why: str, valued: bool, *names: str) -> tuple[Word, ...]:
    return tuple(Word(tuple(name.split()), why, valued) for name in names)


#: They change how Combine works, not what it finds; they are accepted, and this is said.
IDLE: tuple[Word, ...] = (
    *_words(
        _FITS, True,
        "--cminDefaultMinimizerType", "--cminDefaultMinimizerAlgo", "--cminDefaultMinimizerTolerance",
        "--cminDefaultMinimizerPrecision", "--cminFallbackAlgo", "--cminPreFit", "--cminApproxPreFitTolerance",
        "--cminApproxPreFitStrategy", "--cminSetZeroPoint", "--cminOldRobustMinimize", "--cminInitialHesse",
        "--cminFinalHesse", "--cminDiscreteMinTol", "--cminM2StorageLevel", "--robustHesse", "--pointsRandProf",
        "--randPointsSeed", "--setParameterRandomInitialValueRanges", "--startFromPreFit", "--skipDefaultStart",
        "--nllbackend", "--optimizeSimPdf", "--rebuildSimPdf", "--maxTries", "--tries", "--maxOutliers",
        "--maxOutlierFraction", "--maxRelDeviation", "--hintMethod -H", "--hintSafetyFactor",
    ),
    *_words(
        _FITS, False,
        "--cminPoiOnlyFit", "--cminPreScan", "--cminSingleNuisFit", "--cminRunAllDiscreteCombinations", "--preFit",
        "--forceRecreateNLL", "--protectUnbinnedChannels", "--hintStatOnly", "--skipInitialFit", "--picky",
        "--twoPoints", "--noDefaultPrior", "--keepFailures",
    ),
    *_words(
        _MINOS, True,
        "--robustFit", "--setRobustFitAlgo", "--setRobustFitStrategy", "--setRobustFitTolerance", "--stepSize",
        "--setCrossingTolerance", "--maxFailedSteps", "--minosAlgo", "--runMinos", "--rAbsAcc", "--rRelAcc",
    ),
    *_words(_MINOS, False, "--useMinos"),
    *_words(
        _STORED, False,
        "--saveWorkspace", "--saveToys", "--saveNLL", "--saveFitResult", "--saveHybridResult", "--saveGrid",
        "--savePredictionsPerToy", "--oldNormNames",
    ),
    *_words(_STORED, True, "--massName", "--toyName", "--output"),
    *_words(_EVERY, True, "--saveSpecifiedNuis", "--saveSpecifiedFunc", "--saveSpecifiedIndex", "--saveInactivePOI",
            "--trackParameters", "--trackErrors"),
    *_words(_TOYS, True, "--adaptiveToys", "--iterations -i", "--toysFactor", "--interpAcc"),
    *_words(_TOYS, False, "--fullBToys", "--fullGrid", "--noUpdateGrid"),
    *_words("errors follow from the exact second derivatives, and cost nothing", False, "--noErrors"),
    *_words("all expected limits are shown", True, "--expectedFromGrid"),
    *_words("p-value and significance are both shown", False, "--pvalue"),
    *_words("uncertainties of shapes follow from the covariance, without toys", True, "--numToysForShapes"),
    *_words("uncertainties of shapes are always shown with them", False, "--saveWithUncertainties",
            "--ignoreCovWarning"),
    *_words("toys of binned channels are binned, of others rows", False, "--unbinned -U", "--guessGenMode",
            "--generateBinnedWorkaround", "--newToyMCSampler"),
    *_words("channels have the names of the card", True, "--signalPdfNames", "--backgroundPdfNames", "--filterString",
            "--rebinFactor"),
    *_words("the fit, and all fits with a parameter at both ends of its interval, are done at once", False,
            "--doInitialFit", "--doFits"),
    *_words("the fits of impacts are fast, and done one after the other", True, "--parallel", "--job-mode"),
    *_words(_DEBUG, True, "--X-rtd", "--X-fpeMask", "--LoadLibrary -L", "--tempDir"),
    *_words(_DEBUG, False, "--igpMem", "--perfCounters", "--compile", "--validateModel -V", "--usePLC"),
    *_words("what is said is always the same", True, "--verbose -v"),
)  # fmt: skip

#: They change what Combine finds, and have nothing like it here: they are refused.
MISSING: tuple[Word, ...] = (
    *_words("the data are those of the card", True, "--dataset -D", "--dataMapName", "--toysFile", "--getLimitFromGrid",
            "--grid", "--gridFile", "--readChains", "--robustHesseLoad", "--robustHesseSave"),
    *_words("the data are those of the card", False, "--readHybridResults"),
    *_words(_MODEL, True, "--workspaceName -w", "--modelConfigName", "--modelConfigNameB",
            "--freezeWithAttributes", "--floatAllNuisances", "--text2workspace", "--noMCbonly", "--expectSignalMass",
            "--defineBackgroundOnlyModelParameters", "--discreteModelPoints", "--genBinnedChannels",
            "--genUnbinnedChannels", "--freezeAllGlobalObs"),
    *_words(_MODEL, False, "--overrideSnapshotMass", "--customStartingPoint", "--bypassFrequentistFit"),
    *_words("say the points by --points and --setParameterRanges", True, "--firstPoint", "--lastPoint", "--gridPoints",
            "--autoRange", "--centeredRange", "--setParametersForGrid", "--autoBoundsPOIs", "--autoMaxPOIs"),
    *_words("say the points by --points and --setParameterRanges", False, "--squareDistPoiStep"),
    *_words("all other parameters are profiled at each point", False, "--fastScan"),
    *_words("use --freezeParameters", True, "--profilingMode"),
    *_words("only upper limits are offered", False, "--lowerLimit"),
    *_words("expected limits are those without signal, after a fit to the data; --run blind is without one", False,
            "--noFitAsimov"),
    *_words("expected limits are those without signal", True, "--signalStrengthForExpected"),
    *_words("toys are thrown with the signal that is tested, or none", True, "--signalForSignificance"),
    *_words("toys are those of --LHCmode", True, "--generateNuisances", "--generateExternalMeasurements",
            "--fitNuisances"),
    *_words("the model is fitted, and evaluated there", True, "--setParametersForFit", "--setParametersForEval"),
    *_words("observed value and p-value are found together", False, "--onlyTestStat"),
    *_words("scans tell both intervals: -M MultiDimFit --algo grid", True, "--do95"),
)  # fmt: skip

#: Methods that are not offered, and what to use.
METHODS_MISSING = {
    "MarkovChainMC": "no Bayesian methods are offered",
    "BayesianSimple": "no Bayesian methods are offered",
    "BayesianToyMC": "no Bayesian methods are offered",
    "FeldmanCousins": "it is -M HybridNew --LHCmode LHC-feldman-cousins",
    "MaxLikelihoodFit": "it is now -M FitDiagnostics",
    "ProfileLikelihood": "it is now -M Significance",
    "Asymptotic": "it is now -M AsymptoticLimits",
}
