"""Which words of the model layer exist in several languages."""

from modeltranslation.translator import TranslationOptions, register

from queues.models import Branch, Outcome, PriorityClass, Service


@register(Branch)
class BranchTranslation(TranslationOptions):
    fields = ("name", "opening_hours", "notice")


@register(Service)
class ServiceTranslation(TranslationOptions):
    fields = ("name", "description", "closed_note")


@register(PriorityClass)
class PriorityClassTranslation(TranslationOptions):
    fields = ("name",)


@register(Outcome)
class OutcomeTranslation(TranslationOptions):
    fields = ("name",)
